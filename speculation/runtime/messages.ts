import { defineQuery, defineSignal, defineUpdate, log, setHandler } from '@temporalio/workflow';
import { type Knob, type KnobChange, parseKnobChange } from '../decision/knob';
import { estimatorView } from './estimator-view';
import type { Pipeline } from './pipeline';
import { readCorrection } from './correct-forecast';
import { readStreamUpdate } from './output-stream';
import { CORRECT_FORECAST, QUERY, SET_KNOB, STREAM_SIGNAL } from './protocol';

/** Every pipeline answers these queries and takes the knob while it runs; arguments and answers are plain JSON. */
export function answerMessages(pipeline: Pipeline): void {
  setHandler(
    defineQuery(QUERY.ledger),
    () => ({
      ...pipeline.books.ledger.report(),
      findings: pipeline.findings,
      ...(pipeline.settings?.cancellation !== undefined && { cancellation: pipeline.settings.cancellation }),
    }),
    { description: 'What this pipeline spent, wasted and saved: totals and entries.' },
  );
  setHandler(defineQuery(QUERY.decisions), () => pipeline.books.decisions.rows(), {
    description:
      'Plan, launches, holds and asks of this pipeline, each recomputable from its own row, with its outcome.',
  });
  setHandler(defineQuery(QUERY.estimator), () => estimatorView(pipeline), {
    description: 'What the latest briefings said about each operation: forecasts, latency, posteriors.',
  });
  setHandler(defineQuery<Knob>(QUERY.knob), () => pipeline.knob, { description: 'The knob in force.' });

  setHandler(
    defineSignal<[unknown]>(SET_KNOB),
    (change) => {
      try {
        pipeline.turnKnob(parseKnobChange(change));
      } catch (error) {
        // Whoever sent garbage gets no answer to a signal; the pipeline must not suffer for it.
        log.warn('ignored a knob signal', { error: String(error) });
      }
    },
    { description: 'Turns the dial: {"alpha"?, "lambdaUsdPerSecond"?, "budgetUsd"?, "enabled"?}.' },
  );
  setHandler(
    defineSignal<[unknown]>(STREAM_SIGNAL),
    (value) => {
      const update = readStreamUpdate(value);
      if (update === null) log.warn('ignored a signal of a stream that cannot be read');
      else if (pipeline.speculating) pipeline.streamUpdates.push(update);
    },
    { description: 'From a running activity of this pipeline: what of its output is final.' },
  );
  setHandler(
    defineSignal<[unknown]>(CORRECT_FORECAST),
    (value) => {
      const correction = readCorrection(value);
      if (correction === null) log.warn('ignored a correction that names no operation');
      else if (pipeline.speculating) pipeline.corrections.push(correction);
    },
    { description: 'Corrects what is assumed about an operation that still runs: {"operation", "value"?}.' },
  );
  setHandler(defineUpdate<Knob, [KnobChange]>(SET_KNOB), (change) => pipeline.turnKnob(parseKnobChange(change)), {
    validator: (change) => void parseKnobChange(change),
    description: 'Turns the dial and answers with the knob in force; refuses what cannot be used.',
  });
}
