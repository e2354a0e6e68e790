// Who is signed in, and what GET /me says they may do. Screens ask for operations, never for roles.
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api, type Schema } from '@/api/client'
import { setServerTime } from '@/api/clock'
import { deviceName } from '@/api/device'
import { dropAllDrafts } from '@/api/drafts'
import { answer, Problem } from '@/api/problem'
import { queryClient } from '@/api/queries'
import {
  announceSignIn,
  beginActing,
  endActing,
  forgetSession,
  keepSession,
  mayHaveSession,
  onSession,
  refreshSession,
} from '@/api/session'

/** Done by staff only, also where they live: what tells a head's grant from a resident's. The server decides, not this list. */
const staffOperations = new Set([
  'listPeople',
  'createAppointment',
  'collectRedemption',
  'createMediationAttempt',
  'listMediators',
])

const place = 'linli.system'

/** What GET /system said the last time: public, and the telephone in it is wanted most when nobody answers. */
function lastSystem(): Schema<'System'> | undefined {
  try {
    return (JSON.parse(localStorage.getItem(place) ?? 'null') as Schema<'System'> | null) ?? undefined
  } catch {
    return undefined
  }
}

export const useLogin = defineStore('login', () => {
  const me = ref<Schema<'Me'>>()
  const system = ref<Schema<'System'> | undefined>(lastSystem())
  /** Why the last session ended by itself; shown once on the log-in page. */
  const ended = ref(false)
  const operations = computed(() => new Set(me.value?.operations ?? []))

  function may(...wanted: readonly string[]): boolean {
    return wanted.some((operation) => operations.value.has(operation))
  }

  /** The grants that are work: at another place than the home, or admitting what only staff do. */
  const work = computed(() =>
    (me.value?.grants ?? []).filter(
      (one) => one.unit.id !== me.value?.unit?.id || one.operations.some((name) => staffOperations.has(name)),
    ),
  )

  /** The units at which the person works and may do the operation. */
  function workplacesFor(operation: string) {
    return work.value.filter((one) => one.operations.includes(operation)).map((one) => one.unit)
  }

  /** May it be done as work here? What everybody signed in may do is in no grant and counts. */
  function mayAtWork(...wanted: readonly string[]): boolean {
    const grants = me.value?.grants ?? []
    return wanted.some(
      (name) =>
        operations.value.has(name) &&
        (workplacesFor(name).length > 0 || !grants.some((one) => one.operations.includes(name))),
    )
  }

  /** Units at which a grant of the person admits the operation. */
  function unitsFor(operation: string) {
    return (me.value?.grants ?? []).filter((one) => one.operations.includes(operation)).map((one) => one.unit)
  }

  async function loadSystem(): Promise<void> {
    system.value = await answer(api.GET('/system'))
    localStorage.setItem(place, JSON.stringify(system.value))
    setServerTime(system.value.now)
  }

  async function loadMe(): Promise<void> {
    me.value = await answer(api.GET('/me'))
  }

  /** Picks up the session of an earlier visit. True when somebody is signed in. Throws Unreachable. */
  async function resume(): Promise<boolean> {
    if (me.value) return true
    if (!mayHaveSession()) return false
    if (!(await refreshSession())) return false
    await loadMe()
    return true
  }

  async function signIn(userName: string, password: string, ownDevice: boolean): Promise<void> {
    const body = {
      user_name: userName,
      password,
      own_device: ownDevice,
      device_name: deviceName(),
    }
    keepSession(await answer(api.POST('/auth/login', { body })))
    queryClient.clear()
    await loadMe()
    ended.value = false
    announceSignIn()
  }

  /** A code handed over in person becomes one's login, or a new password for it; then one is signed in. */
  async function redeem(body: Schema<'RedeemRequest'>): Promise<void> {
    keepSession(await answer(api.POST('/auth/claim', { body })))
    queryClient.clear()
    await loadMe()
    ended.value = false
    announceSignIn()
  }

  async function signOut(): Promise<void> {
    try {
      await answer(api.POST('/auth/logout'))
    } catch (error) {
      // A session that has ended already is signed out; a server that cannot be reached is told to the person.
      if (!(error instanceof Problem && error.status === 401)) throw error
    }
    forgetSession()
  }

  onSession((event, fromOtherTab) => {
    if (event === 'signed-in') {
      if (fromOtherTab) location.reload()
      return
    }
    if (event === 'acting-over') {
      location.assign('/')
      return
    }
    if (me.value && !leaving.value) ended.value = true
    me.value = undefined
    queryClient.clear()
    dropAllDrafts()
    gone.forEach((tell) => tell())
  })

  const leaving = ref(false)
  const gone = new Set<() => void>()
  function onGone(tell: () => void): void {
    gone.add(tell)
  }

  /** The other person's pages with their rights and none of one's own; nothing of the one is kept for the other. */
  async function actFor(representation: string): Promise<void> {
    const path = { representation_id: representation }
    beginActing(
      representation,
      await answer(api.POST('/representations/{representation_id}/sessions', { params: { path } })),
    )
    await becomeAnother()
  }

  async function stopActing(): Promise<void> {
    endActing()
    await becomeAnother()
  }

  async function becomeAnother(): Promise<void> {
    queryClient.clear()
    dropAllDrafts()
    await loadMe()
  }

  async function leave(): Promise<void> {
    leaving.value = true
    endActing()
    try {
      await signOut()
    } finally {
      leaving.value = false
    }
  }

  return {
    me,
    system,
    ended,
    operations,
    work,
    may,
    unitsFor,
    workplacesFor,
    mayAtWork,
    loadSystem,
    loadMe,
    resume,
    signIn,
    redeem,
    actFor,
    stopActing,
    leave,
    onGone,
  }
})
