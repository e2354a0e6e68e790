import { bench } from './bench.ts'
import { mediationCase } from './case.ts'
import { groups } from './groups.ts'
import { orgs } from './orgs.ts'
import { points } from './points.ts'
import { records } from './records.ts'

/** The words of the desk's pages, one file a domain. */
export const staff = { ...bench, ...orgs, ...groups, ...records, ...points, case: mediationCase }
