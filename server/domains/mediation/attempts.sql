-- name: createMediationAttempt
select * from mediation.schedule(:case_id, :scheduled_at, :place)

-- name: recordAttemptOutcome
select * from mediation.record_outcome(:case_id, :attempt_id, :outcome, :note)

-- name: escalateMediationCase
select * from mediation.escalate(:case_id, :summary)
