// The desk's menu: an entry is there when its page is and the person has one of the operations it needs.
import type { Component } from 'vue'
import {
  BookOpenText,
  Building2,
  CalendarClock,
  ChartBar,
  Coins,
  ContactRound,
  FileUp,
  HandHeart,
  House,
  IdCard,
  LayoutDashboard,
  Map as MapIcon,
  Network,
  Scale,
  ShieldCheck,
  Split,
  UserCheck,
  Users,
  Vote,
} from '@lucide/vue'
import { importing } from './importing'

export interface MenuEntry {
  route: string
  words: string
  icon: Component
  /** One of these operations… */
  needs?: readonly string[]
  /** …and this one: without it the page could not be begun. */
  also?: string
}

export interface MenuGroup {
  group?: string
  entries: MenuEntry[]
}

export const menu: MenuGroup[] = [
  { entries: [{ route: 'desk', words: 'desk.workbench', icon: LayoutDashboard }] },
  {
    group: 'desk.organization',
    entries: [
      { route: 'desk-units', words: 'desk.units', icon: Network, needs: ['listUnits'] },
      { route: 'desk-appointments', words: 'desk.appointments', icon: IdCard, needs: ['listAppointments'] },
      {
        route: 'desk-post-board',
        words: 'desk.post_board',
        icon: CalendarClock,
        needs: ['listTermWarnings'],
      },
      {
        route: 'desk-reorganizations',
        words: 'desk.reorganizations',
        icon: Split,
        needs: ['listReorganizations'],
      },
      { route: 'desk-imports', words: 'desk.imports', icon: FileUp, needs: importing },
      { route: 'desk-statistics', words: 'desk.statistics', icon: ChartBar, needs: ['listUnitStatistics'] },
    ],
  },
  {
    group: 'desk.residents',
    entries: [
      { route: 'desk-people', words: 'desk.people', icon: ContactRound, needs: ['listPeople'] },
      { route: 'desk-dwellings', words: 'desk.dwellings', icon: Building2, needs: ['createDwelling'] },
      {
        route: 'desk-requests',
        words: 'desk.data_requests',
        icon: ShieldCheck,
        needs: ['answerDataRequest'],
      },
    ],
  },
  {
    group: 'desk.governance',
    entries: [
      { route: 'desk-groups', words: 'desk.groups', icon: Users, needs: ['listGroups'] },
      { route: 'desk-heads', words: 'desk.heads', icon: House, needs: ['listHeads'] },
      {
        route: 'desk-head-coverage',
        words: 'desk.head_coverage',
        icon: MapIcon,
        needs: ['listHeadCoverage'],
      },
      {
        route: 'desk-representatives',
        words: 'desk.representatives',
        icon: UserCheck,
        needs: ['listRepresentativeCoverage'],
      },
      { route: 'desk-elections', words: 'desk.elections', icon: Vote, needs: ['listElections'] },
      { route: 'desk-mediation', words: 'desk.mediation', icon: Scale, needs: ['listMediators'] },
    ],
  },
  {
    group: 'desk.service',
    entries: [
      {
        route: 'desk-services',
        words: 'desk.service_records',
        icon: HandHeart,
        needs: ['listServiceRecords'],
      },
      { route: 'desk-counter', words: 'desk.counter', icon: Coins, needs: ['collectRedemption'] },
      {
        route: 'desk-ledger',
        words: 'desk.ledger',
        icon: BookOpenText,
        needs: ['listAccounts'],
        also: 'listPeople',
      },
    ],
  },
]

/** May the person at this desk do something behind the entry? */
export function isOpen(entry: MenuEntry, mayAtWork: (...operations: readonly string[]) => boolean): boolean {
  return (!entry.needs || mayAtWork(...entry.needs)) && (!entry.also || mayAtWork(entry.also))
}
