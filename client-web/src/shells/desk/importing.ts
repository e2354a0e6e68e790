/** The kinds of bulk import: whoever may do one has the page. */
export const importing = [
  'createUnitImport',
  'createPersonImport',
  'createHouseholdImport',
  'createAppointmentImport',
] as const
