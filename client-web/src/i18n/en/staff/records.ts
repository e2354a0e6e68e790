import type { records as zh } from '../../zh/staff/records.ts'
import type { Shape } from '../../shape.ts'

export const records: Shape<typeof zh> = {
  records: {
    about: 'Service is unpaid. The system posts points after the served person’s evaluation',
    day: 'Day',
    volunteer: 'Volunteer',
    served: 'Served person',
    what: 'Project',
    time: 'Time',
    area: 'Area',
    state: 'Evaluation',
    points: 'Points',
    waiting: 'waiting',
    evaluated: 'evaluated',
    listen: 'Please listen to them',
    any_kind: 'All projects',
    record: 'Record a service',
    recorded: 'Recorded; {who} is asked to evaluate.',
    none: 'No service record matches.',
    choose_kind: 'Choose a project',
    minutes: 'Minutes',
    save: 'Record',
    record_note: 'The served person evaluates; staff cannot do it for them.',
  },
}
