// What the desk asks about the organization, and what it changes.
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { tagOf } from '@/api/etag'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { walk } from '@/api/walk'
import { useWrite } from '@/api/write'
import type { Ladder, UnitKind } from '../queries'

export type UnitNode = Schema<'UnitNode'>
export type UnitEvent = Schema<'UnitEvent'>
export type Appointment = Schema<'Appointment'>
export type Post = Schema<'Post'>

/** What stands directly below a unit (with the unit itself first), as of a day. */
export function childrenQuery(unit: string, ladder: Ladder, asOf: string | undefined) {
  return {
    queryKey: ['units', 'tree', unit, ladder, asOf] as const,
    queryFn: async () => {
      const { items } = await walk((cursor) =>
        answer(
          api.GET('/units/{unit_id}/tree', {
            params: { path: { unit_id: unit }, query: { ladder, depth: 1, as_of: asOf, limit: 200, cursor } },
          }),
        ),
      )
      return items
    },
  }
}

/** Where a ladder begins: the city, or the city committee. */
export function useRoot(ladder: MaybeRefOrGetter<Ladder>, asOf: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: ['units', 'root', ladder, asOf],
    queryFn: async () => {
      const kind: UnitKind = toValue(ladder) === 'territory' ? 'city' : 'city_committee'
      const found = await answer(
        api.GET('/units', { params: { query: { kind, as_of: toValue(asOf), limit: 1 } } }),
      )
      return found.items[0] ?? null
    },
  })
}

export function historyQuery(unit: string) {
  return {
    queryKey: ['units', 'history', unit] as const,
    queryFn: async () =>
      (
        await walk((cursor) =>
          answer(
            api.GET('/units/{unit_id}/history', {
              params: { path: { unit_id: unit }, query: { limit: 200, cursor } },
            }),
          ),
        )
      ).items,
  }
}

export function useHistory(unit: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: ['units', 'history', unit],
    enabled: () => Boolean(toValue(unit)),
    queryFn: () => historyQuery(toValue(unit)!).queryFn(),
  })
}

export function usePosts(kind: MaybeRefOrGetter<UnitKind | undefined>, enabled?: MaybeRefOrGetter<boolean>) {
  return usePages({
    key: ['posts', kind],
    enabled,
    page: (cursor) =>
      answer(api.GET('/posts', { params: { query: { kind: toValue(kind), limit: 200, cursor } } })),
  })
}

export interface AppointmentFilter {
  unit?: string
  under?: string
  person?: string
  post?: string
  as_of?: string
}

export function useAppointments(
  filter: MaybeRefOrGetter<AppointmentFilter>,
  enabled?: MaybeRefOrGetter<boolean>,
) {
  return usePages({
    key: ['appointments', 'list', filter],
    enabled,
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/appointments', { params: { query: { ...toValue(filter), limit: 100, cursor } }, ...as }),
      ),
  })
}

export const appointmentsChanged = [['appointments'], ['units', 'history'], ['people']] as const

export function useAppoint() {
  return useWrite({
    draft: 'appointment',
    send: (body: Schema<'AppointmentRequest'>, key) =>
      answer(api.POST('/appointments', { params: { header: { 'Idempotency-Key': key } }, body })),
    changes: appointmentsChanged,
  })
}

export const endAppointment = (id: string, body: Schema<'AppointmentEndRequest'>, key: string) =>
  answer(
    api.POST('/appointments/{appointment_id}/end', {
      params: { path: { appointment_id: id }, header: { 'Idempotency-Key': key } },
      body,
    }),
  )

export function useEndAppointment(appointment: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `appointment-end.${toValue(appointment)}`,
    send: (body: Schema<'AppointmentEndRequest'>, key) => endAppointment(toValue(appointment), body, key),
    changes: appointmentsChanged,
  })
}

export function useCreateUnit() {
  return useWrite({
    draft: 'unit',
    send: (body: Schema<'UnitRequest'>, key) =>
      answer(api.POST('/units', { params: { header: { 'Idempotency-Key': key } }, body })),
    changes: [['units']],
  })
}

/** Refused when somebody has changed the unit since `version` was read. */
export function useUpdateUnit(unit: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `unit.${toValue(unit)}`,
    send: async ({ version, ...body }: Schema<'UnitPatch'> & { version: number }, key) =>
      answer(
        api.PATCH('/units/{unit_id}', {
          params: {
            path: { unit_id: toValue(unit) },
            header: {
              'If-Match': await tagOf(
                api.GET('/units/{unit_id}', { params: { path: { unit_id: toValue(unit) } } }),
                version,
              ),
              'Idempotency-Key': key,
            },
          },
          body,
        }),
      ),
    changes: [['units']],
  })
}

/** Who holds a post at or below a place, in a term that is over before that day. */
export const appointmentsEndingQuery = (under: string, endingBefore: string) => ({
  queryKey: ['appointments', 'ending', under, endingBefore] as const,
  staleTime: 300_000,
  queryFn: async () =>
    (
      await walk((cursor) =>
        answer(
          api.GET('/appointments', {
            params: { query: { under, ending_before: endingBefore, limit: 200, cursor } },
          }),
        ),
      )
    ).items,
})
