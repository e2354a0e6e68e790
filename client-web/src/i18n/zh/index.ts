import { common } from './common.ts'
import { mediation } from './mediation.ts'
import { points } from './points.ts'
import { resident } from './resident.ts'
import { services } from './services.ts'

export const zh = { ...common, ...resident, points, services, mediation }
export default zh
