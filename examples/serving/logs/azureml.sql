-- Azure Machine Learning's data collector: model_inputs and model_outputs, JSON lines that `correlationid` joins.
WITH inputs AS (
    SELECT * FROM read_json('INPUTS', format = 'newline_delimited', columns = {
        correlationid: 'VARCHAR', time: 'VARCHAR', data: 'STRUCT(amount DOUBLE, place VARCHAR)[]'
    })
), outputs AS (
    SELECT * FROM read_json('OUTPUTS', format = 'newline_delimited', columns = {
        correlationid: 'VARCHAR', data: 'STRUCT(score DOUBLE)[]'
    })
)
SELECT inputs.correlationid AS id, CAST(inputs.time AS TIMESTAMPTZ) AS time, outputs.data[1].score AS score,
    inputs.data[1].amount AS amount, inputs.data[1].place AS place
FROM inputs LEFT JOIN outputs USING (correlationid)
