-- name: assignMediator
select * from mediation.assign(:case_id, :person_id, :chosen_by)

-- name: identifyParty
select * from mediation.identify(:case_id, :party_id, :person_id)

-- name: createMediationConsent
select * from mediation.consent(:case_id, :level, :party_id, :form)

-- name: createMediationRefusal
select * from mediation.refuse(:case_id, :party_id, :form)

-- name: terminateMediationCase
select * from mediation.terminate(:case_id, :ground, :party_id)

-- name: markMediationRisk
select * from mediation.mark_risk(:case_id, :level)
