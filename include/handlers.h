/* handlers.h - the programmed endpoints, for the route table. Each answers the request it is given. */
#ifndef HANDLERS_H
#define HANDLERS_H

#include "request.h"

/* handle_session.c */
void handle_session_post(struct request *req);
void handle_session_get(struct request *req);
void handle_session_delete(struct request *req);
void handle_password_put(struct request *req);

/* handle_token.c */
void handle_token_post(struct request *req);
void handle_token_delete(struct request *req);

/* handle_slip.c */
void handle_slip_post(struct request *req);
void handle_slip_batch(struct request *req);
void handle_reversal_post(struct request *req);

/* handle_ledger.c: thresholds, readiness */
void handle_thresholds_put(struct request *req);
void handle_readiness_put(struct request *req);

/* handle_alert.c: alerts, their rules, the sweep */
void handle_alert_acknowledge(struct request *req);
void handle_alert_snooze(struct request *req);
void handle_alert_rule_put(struct request *req);
void handle_alert_rule_delete(struct request *req);
void handle_alert_sweep(struct request *req);

/* handle_user.c, handle_place.c, handle_item.c: users, grants, places, stores, items */
void handle_user_post(struct request *req);
void handle_user_patch(struct request *req);
void handle_grant_post(struct request *req);
void handle_grant_delete(struct request *req);
void handle_place_post(struct request *req);
void handle_place_patch(struct request *req);
void handle_store_post(struct request *req);
void handle_store_patch(struct request *req);
void handle_item_post(struct request *req);
void handle_item_patch(struct request *req);

/* handle_channel.c, handle_delivery.c: the ways out to people, what they are told of, what was sent */
void handle_channel_post(struct request *req);
void handle_channel_patch(struct request *req);
void handle_channel_delete(struct request *req);
void handle_channel_test(struct request *req);
void handle_subscription_post(struct request *req);
void handle_subscription_delete(struct request *req);
void handle_delivery_retry(struct request *req);
/* handle_log.c: checkpoints, keys, proofs */
void handle_checkpoint_get(struct request *req);
void handle_checkpoint_post(struct request *req);
void handle_keys_get(struct request *req);
void handle_proof_get(struct request *req);
void handle_consistency_get(struct request *req);

/* handle_evidence.c */
void handle_evidence_get(struct request *req);

/* stream.c */
void handle_stream(struct request *req);

/* handle_service.c: /healthz, /readyz, /metrics, /api/v1/openapi.json */
void handle_healthz(struct request *req);
void handle_readyz(struct request *req);
void handle_metrics(struct request *req);
void handle_openapi(struct request *req);

#endif
