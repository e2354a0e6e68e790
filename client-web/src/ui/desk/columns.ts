import type { Ref } from 'vue'
import type { FileStream } from '@/api/pages'
import type { Asked } from '@/ui/AsyncState.vue'

/** A list as usePages() gives it. */
export type Listed<Row> = Asked<Row[]> & {
  hasMore: Readonly<Ref<boolean>>
  more: () => unknown
  /** All of it as a file of that media type, within the filters in force. */
  take?: (type: string) => Promise<FileStream>
}

export interface Column<Row> {
  key: string
  /** Head of the column; empty: the column of actions. */
  words: string
  /** What is searched, sorted and shown when there is no slot of this key; without it the column is neither. */
  value?: (row: Row) => string | number | null | undefined
  /** What is sorted by, when that is not what is shown. */
  sort?: (row: Row) => string | number
  number?: boolean
  /** Holds sentences: the last to be squeezed. */
  wide?: boolean
}
