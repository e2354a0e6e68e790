// Jobs, files and bulk imports: what the desk asks about them and sends.
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer, Problem } from '@/api/problem'
import { walk } from '@/api/walk'
import { useWrite } from '@/api/write'

export type Import = Schema<'Import'>
export type ImportFault = Schema<'ImportFault'>
export type ImportColumn = Schema<'ImportColumn'>
export type ImportKind = Schema<'ImportKind'>
export type Job = Schema<'Job'>

/** What can be imported, in the order in which a city would do it, and the operation that one must be allowed. */
export const importOperations = {
  units: 'createUnitImport',
  people: 'createPersonImport',
  households: 'createHouseholdImport',
  appointments: 'createAppointmentImport',
} as const satisfies Record<ImportKind, string>
export const importKinds = Object.keys(importOperations) as ImportKind[]

/** Between two looks at work that is under way. */
const pulse = 700

export function useImportColumns(kind: MaybeRefOrGetter<ImportKind>) {
  return useQuery({
    queryKey: ['import-columns', kind],
    staleTime: Infinity,
    queryFn: async () =>
      (
        await walk((cursor) =>
          answer(
            api.GET('/import-columns', { params: { query: { kind: toValue(kind), limit: 200, cursor } } }),
          ),
        )
      ).items,
  })
}

export function useImports() {
  return usePages({
    key: ['imports', 'list'],
    page: (cursor) => answer(api.GET('/imports', { params: { query: { limit: 50, cursor } } })),
  })
}

export function isUnderWay(one: Import | undefined): boolean {
  return one?.state === 'checking' || one?.state === 'applying'
}

export function useImport(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['imports', 'one', id],
    queryFn: () => answer(api.GET('/imports/{import_id}', { params: { path: { import_id: toValue(id) } } })),
    refetchInterval: (query) => (isUnderWay(query.state.data) ? pulse : false),
  })
}

export function useJob(id: MaybeRefOrGetter<string | undefined>, watched: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: ['jobs', id],
    enabled: () => Boolean(toValue(id)) && toValue(watched),
    queryFn: () => answer(api.GET('/jobs/{job_id}', { params: { path: { job_id: toValue(id)! } } })),
    refetchInterval: () => (toValue(watched) ? pulse : false),
  })
}

export function useFaults(id: MaybeRefOrGetter<string>, enabled: MaybeRefOrGetter<boolean>) {
  return usePages({
    key: ['imports', 'faults', id],
    enabled,
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/imports/{import_id}/faults', {
          params: { path: { import_id: toValue(id) }, query: { limit: 200, cursor } },
          ...as,
        }),
      ),
  })
}

const begin = {
  units: (body: Schema<'ImportRequest'>, key: string) =>
    api.POST('/imports/units', { params: { header: { 'Idempotency-Key': key } }, body }),
  people: (body: Schema<'ImportRequest'>, key: string) =>
    api.POST('/imports/people', { params: { header: { 'Idempotency-Key': key } }, body }),
  households: (body: Schema<'ImportRequest'>, key: string) =>
    api.POST('/imports/households', { params: { header: { 'Idempotency-Key': key } }, body }),
  appointments: (body: Schema<'ImportRequest'>, key: string) =>
    api.POST('/imports/appointments', { params: { header: { 'Idempotency-Key': key } }, body }),
} as const satisfies Record<ImportKind, unknown>

export function useBeginImport() {
  return useWrite({
    draft: 'import',
    send: ({ kind, ...body }: Schema<'ImportRequest'> & { kind: ImportKind }, key) =>
      answer(begin[kind](body, key)),
    changes: [['imports', 'list']],
  })
}

export function useApplyImport(id: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `import-application.${toValue(id)}`,
    send: (_: undefined, key) =>
      answer(
        api.POST('/imports/{import_id}/application', {
          params: { path: { import_id: toValue(id) }, header: { 'Idempotency-Key': key } },
        }),
      ),
    changes: [['imports'], ['units'], ['people'], ['appointments'], ['households']],
  })
}

export function useCancelJob(job: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `job-cancellation.${toValue(job)}`,
    send: (_: undefined, key) =>
      answer(
        api.POST('/jobs/{job_id}/cancellation', {
          params: { path: { job_id: toValue(job) }, header: { 'Idempotency-Key': key } },
        }),
      ),
    changes: [['imports'], ['jobs']],
  })
}

/** How much of a file the server has; undefined when it knows no such file. */
export async function receivedOf(id: string): Promise<number | undefined> {
  try {
    return (await answer(api.GET('/blobs/{blob_id}', { params: { path: { blob_id: id } } }))).received
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return undefined
    throw error
  }
}

/** Sends the bytes from `first` up to `end` and answers how much the server then has. */
export async function putPart(id: string, file: File, first: number, end: number): Promise<number> {
  const blob = await answer(
    api.PUT('/blobs/{blob_id}', {
      params: {
        path: { blob_id: id },
        query: { purpose: 'import', file_name: file.name },
        header: { 'Content-Range': `bytes ${first}-${end - 1}/${file.size}` },
      },
      headers: { 'Content-Type': 'text/csv' },
      body: file.slice(first, end) as never,
      bodySerializer: (bytes: unknown) => bytes as Blob,
    }),
  )
  return blob.received
}
