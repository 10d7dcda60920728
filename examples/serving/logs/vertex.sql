-- Vertex AI's request-response logging table in BigQuery: one instance a request, one probability a response.
-- Read by url: bigquery://PROJECT/DATASET, which the Python package sqlalchemy-bigquery brings.
SELECT
    CAST(request_id AS STRING) AS id,
    logging_time AS time,
    deployed_model_id AS version,
    CAST(JSON_VALUE(response_payload[SAFE_OFFSET(0)], '$.predictions[0]') AS FLOAT64) AS score,
    CAST(JSON_VALUE(request_payload[SAFE_OFFSET(0)], '$.instances[0].amount') AS FLOAT64) AS amount,
    JSON_VALUE(request_payload[SAFE_OFFSET(0)], '$.instances[0].place') AS place
FROM request_response_logging
