import { bench } from './bench.ts'
import { board } from './board.ts'
import { bulk } from './bulk.ts'
import { mediationCase } from './case.ts'
import { elections } from './elections.ts'
import { groupFile } from './groupFile.ts'
import { groups } from './groups.ts'
import { orgs } from './orgs.ts'
import { people } from './people.ts'
import { points } from './points.ts'
import { records } from './records.ts'
import { reorganizations } from './reorganizations.ts'

/** The words of the desk's pages, one file a domain. */
export const staff = {
  ...bench,
  ...orgs,
  ...reorganizations,
  ...board,
  ...groups,
  ...people,
  ...groupFile,
  ...elections,
  ...records,
  ...points,
  ...bulk,
  case: mediationCase,
}
