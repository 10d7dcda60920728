-- SageMaker data capture (JSON lines, one a call; input CSV, output one probability) as rows of predictions.
-- Give every call an InferenceId: it identifies the prediction, and ground truth names it.
SELECT
    coalesce(eventMetadata.inferenceId, eventMetadata.eventId) AS id,
    CAST(eventMetadata.inferenceTime AS TIMESTAMPTZ) AS time,
    CAST(captureData.endpointOutput.data AS DOUBLE) AS score,
    CAST(split_part(captureData.endpointInput.data, ',', 1) AS DOUBLE) AS amount,
    split_part(captureData.endpointInput.data, ',', 2) AS place
FROM read_json('CAPTURED', format = 'newline_delimited', columns = {
    captureData: 'STRUCT(endpointInput STRUCT(data VARCHAR), endpointOutput STRUCT(data VARCHAR))',
    eventMetadata: 'STRUCT(eventId VARCHAR, inferenceId VARCHAR, inferenceTime VARCHAR)'
})
