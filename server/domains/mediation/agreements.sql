-- name: createMediationAgreement
select * from mediation.write_agreement(:case_id, :form, :content, :reached_on)

-- name: signMediationAgreement
select * from mediation.sign(:case_id, :mark, :form, :party_id)

-- name: createPerformanceItem
select * from mediation.add_item(:case_id, :party_id, :description, :due_on, :amount_fen)

-- name: recordPerformance
select * from mediation.perform_item(:case_id, :item_id, :state)

-- name: createFollowUp
select * from mediation.follow_up(:case_id, :visited_on, :finding, :note)
