/// <reference types="vite/client" />
import 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    /** Everyone may see it, signed in or not. */
    open?: boolean
    /** Operations of the contract, one of which GET /me must name. */
    needs?: readonly string[]
    /** Key of the page's title in the messages. */
    title?: string
    /** Only for those who have work at a desk. */
    desk?: boolean
    /** The page shows a day, and which one can be chosen: in the bar, or on the page itself. */
    dated?: 'bar' | 'page'
    /** Entry of the tab bar that is lit. */
    tab?: string
  }
}
