import type { RouteRecordRaw } from 'vue-router'
import { needMessages } from '@/i18n'

export const deskRoutes: RouteRecordRaw = {
  path: '/desk',
  component: () => import('./DeskShell.vue'),
  beforeEnter: () => needMessages('desk').then(() => true),
  meta: { desk: true },
  children: [
    {
      path: '',
      name: 'desk',
      component: () => import('@/domains/access/desk/Workbench.vue'),
      meta: { title: 'desk.workbench' },
    },
    {
      path: 'units',
      name: 'desk-units',
      component: () => import('@/domains/orgs/desk/Explorer.vue'),
      meta: { title: 'desk.units', dated: 'page', needs: ['listUnits'] },
    },
    {
      path: 'appointments',
      name: 'desk-appointments',
      component: () => import('@/domains/orgs/desk/Appointments.vue'),
      meta: { title: 'desk.appointments', dated: 'bar', needs: ['listAppointments'] },
    },
    {
      path: 'groups',
      name: 'desk-groups',
      component: () => import('@/domains/groups/desk/Groups.vue'),
      meta: { title: 'desk.groups', dated: 'bar', needs: ['listGroups'] },
    },
    {
      path: 'groups/:group',
      name: 'desk-group',
      component: () => import('@/domains/groups/desk/Group.vue'),
      props: true,
      meta: { title: 'desk.groups', dated: 'bar', needs: ['getGroup'] },
    },
    {
      path: 'heads',
      name: 'desk-heads',
      component: () => import('@/domains/groups/desk/Heads.vue'),
      meta: { title: 'desk.heads', dated: 'bar', needs: ['listHeads'] },
    },
    {
      path: 'mediation',
      name: 'desk-mediation',
      component: () => import('@/domains/mediation/desk/Cases.vue'),
      meta: { title: 'desk.mediation', needs: ['listMediators'] },
    },
    {
      path: 'mediation/new',
      name: 'desk-case-new',
      component: () => import('@/domains/mediation/desk/Intake.vue'),
      meta: { title: 'case.new', needs: ['listMediators'] },
    },
    {
      path: 'mediation/:case',
      name: 'desk-case',
      component: () => import('@/domains/mediation/desk/CaseFile.vue'),
      props: true,
      meta: { title: 'desk.mediation', needs: ['listMediators'] },
    },
    {
      path: 'services',
      name: 'desk-services',
      component: () => import('@/domains/volunteering/desk/Services.vue'),
      meta: { title: 'desk.service_records', needs: ['listServiceRecords'] },
    },
    {
      path: 'counter',
      name: 'desk-counter',
      component: () => import('@/domains/points/desk/Counter.vue'),
      meta: { title: 'desk.counter', needs: ['collectRedemption'] },
    },
    {
      path: 'ledger',
      name: 'desk-ledger',
      component: () => import('@/domains/points/desk/Ledger.vue'),
      meta: { title: 'desk.ledger', dated: 'bar', needs: ['listAccounts'] },
    },
  ],
}
