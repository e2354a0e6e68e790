// Many rows, one deed: which rows are chosen, and how the deed went for each of them.
import { useQueryClient, type QueryKey } from '@tanstack/vue-query'
import { computed, reactive, ref, shallowRef, type Ref } from 'vue'
import { keyOf, settleKey } from '@/api/drafts'
import { isPassing } from '@/api/problem'

export interface Outcome<Row> {
  row: Row
  state: 'waiting' | 'running' | 'done' | 'refused'
  error?: Error
}

export interface Bulk<Row> {
  isChosen: (row: Row) => boolean
  /** May the deed be done to this row? */
  may: (row: Row) => boolean
  choose: (row: Row, on: boolean) => void
  clear: () => void
  chosen: Readonly<Ref<readonly Row[]>>
  name: (row: Row) => string
  outcomes: Readonly<Ref<readonly Outcome<Row>[]>>
  busy: Readonly<Ref<boolean>>
  begin: () => void
  run: <Body>(
    deed: string,
    body: Body,
    send: (row: Row, body: Body, key: string) => Promise<unknown>,
  ) => Promise<void>
}

export function useBulk<Row extends { id: string }>(options: {
  rows: Readonly<Ref<readonly Row[] | undefined>>
  name: (row: Row) => string
  may: (row: Row) => boolean
  /** Beginnings of the query keys that are out of date afterwards. */
  changes: readonly QueryKey[]
}): Bulk<Row> {
  const queries = useQueryClient()
  const ids = reactive(new Set<string>())
  const outcomes = shallowRef<Outcome<Row>[]>([])
  const busy = ref(false)
  // What is no longer in the list, or may no longer be done, is chosen no longer.
  const chosen = computed(() =>
    (options.rows.value ?? []).filter((row) => ids.has(row.id) && options.may(row)),
  )

  function note(at: number, change: Partial<Outcome<Row>>): void {
    outcomes.value = outcomes.value.map((one, index) => (index === at ? { ...one, ...change } : one))
  }

  function begin(): void {
    outcomes.value = chosen.value.map((row) => ({ row, state: 'waiting' }))
  }

  async function run<Body>(
    deed: string,
    body: Body,
    send: (row: Row, body: Body, key: string) => Promise<unknown>,
  ): Promise<void> {
    busy.value = true
    for (const [at, one] of outcomes.value.entries()) {
      if (one.state === 'done') continue
      note(at, { state: 'running', error: undefined })
      const draft = `${deed}.${one.row.id}`
      try {
        await send(one.row, body, keyOf(draft, body))
        settleKey(draft)
        ids.delete(one.row.id)
        note(at, { state: 'done' })
      } catch (error) {
        note(at, { state: 'refused', error: error as Error })
        // Without a server the other rows need not be tried; the same keys settle them later.
        if (isPassing(error)) break
      }
    }
    busy.value = false
    await Promise.all(options.changes.map((queryKey) => queries.invalidateQueries({ queryKey })))
  }

  return {
    isChosen: (row) => ids.has(row.id) && options.may(row),
    may: options.may,
    choose: (row, on) => void (on && options.may(row) ? ids.add(row.id) : ids.delete(row.id)),
    clear: () => ids.clear(),
    chosen,
    name: options.name,
    outcomes,
    busy,
    begin,
    run,
  }
}
