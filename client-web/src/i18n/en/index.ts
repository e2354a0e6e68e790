import { common } from './common.ts'
import { groups } from './groups.ts'
import { mediation } from './mediation.ts'
import { points } from './points.ts'
import { people } from './people.ts'
import { resident } from './resident.ts'
import { services } from './services.ts'

export const en = { ...common, ...resident, ...groups, ...people, points, services, mediation }
export default en
