import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Finding } from './finding.ts';
import type { JudgeResult, Memory, WatchedWorkload } from './model.ts';
import { type Observation, observe } from './observation.ts';
import { countReady, isComplete, progressLine } from './progress.ts';
import { serves } from './scope.ts';
import { crashSymptoms } from './signatures/crash.ts';
import { creationSymptoms } from './signatures/creation.ts';
import { type GroupedFinding, groupSymptoms, toFinding } from './signatures/group-symptoms.ts';
import { imageSymptoms, statesCause } from './signatures/image.ts';
import { decides, recallCauses, recent, remember } from './signatures/memory.ts';
import { placementSymptoms } from './signatures/placement.ts';
import { probeSymptoms } from './signatures/probes.ts';
import { startSymptoms } from './signatures/start.ts';
import type { Symptom } from './signatures/symptom.ts';
import { goneSymptom, isObserved, workloadSymptoms } from './signatures/workload.ts';
import { timeoutSymptom } from './timeout.ts';

/** Every group of signatures that requires the controller to have seen the applied object. */
const groups: readonly ((observation: Observation) => Symptom[])[] = [
  imageSymptoms,
  startSymptoms,
  crashSymptoms,
  probeSymptoms,
  placementSymptoms,
  creationSymptoms,
];

/**
 * The verdict on one snapshot. A certain failure comes first, then completion; anything else is progress with the
 * findings so far. Pure: times are those of the snapshots, and the memory that it returns is passed to the next call.
 */
export function judge(snapshot: Snapshot, watched: WatchedWorkload, memory: Memory): JudgeResult {
  const { workload } = snapshot;
  if (!workload) return judgeMissing(snapshot, memory);
  const observation = observe(snapshot, workload, watched);
  const oldServing = observation.old.filter(serves).length;
  const line = progressLine(observation, oldServing);
  const symptoms = findSymptoms(observation, memory);
  const next = rememberAll(observation, symptoms, memory);
  const grouped = weigh(observation, symptoms, next);
  const [first] = grouped;
  const findings = grouped.map(({ finding }) => finding);
  if (first?.decides) {
    // The deadline of the Deployment only states that it failed; the other findings explain why.
    const overdue = first.finding.signature === 'deadline-exceeded';
    const reported = overdue
      ? judgeDeadline(snapshot, watched, next)
      : ([first.finding, ...findings.slice(1)] as const);
    return { judgement: { state: 'failed', line, findings: reported, oldServing }, memory: next };
  }
  // A pod that a probe killed twice is ready in between; it must not count as complete while that is being weighed.
  const weighing = watched.failFast !== 'off' && findings.some(({ severity }) => severity !== 'advisory');
  if (!weighing && isComplete(observation)) {
    const ready = countReady(observation);
    return { judgement: { state: 'complete', line, ready, oldServing }, memory: next };
  }
  return { judgement: { state: 'progressing', line, findings, oldServing }, memory: next };
}

/** Why a rollout was not ready in time: the most specific recent finding first, then the timeout itself. */
export function judgeDeadline(
  snapshot: Snapshot,
  watched: WatchedWorkload,
  memory: Memory,
): [Finding, ...Finding[]] {
  const { workload } = snapshot;
  if (!workload) return [toFinding([goneSymptom(snapshot)], [])];
  const observation = observe(snapshot, workload, watched);
  const symptoms = findSymptoms(observation, memory).filter(
    ({ signature }) => signature !== 'deadline-exceeded',
  );
  const next = rememberAll(observation, symptoms, memory);
  const findings = weigh(observation, symptoms, next).map(({ finding }) => finding);
  const over = toFinding([timeoutSymptom(observation)], observation.fresh);
  const [first, ...others] = findings.length > 0 ? findings : recent(memory, observation);
  return first ? [first, ...others, over] : [over];
}

function judgeMissing(snapshot: Snapshot, memory: Memory): JudgeResult {
  const finding = toFinding([goneSymptom(snapshot)], []);
  const line = 'the workload no longer exists';
  return { judgement: { state: 'failed', line, findings: [finding], oldServing: 0 }, memory };
}

function findSymptoms(observation: Observation, memory: Memory): readonly Symptom[] {
  const ofWorkload = workloadSymptoms(observation);
  if (!isObserved(observation) || ofWorkload.some(({ signature }) => signature === 'superseded'))
    return ofWorkload;
  const all = [...ofWorkload, ...groups.flatMap((find) => find(observation))];
  return recallCauses(all, memory, statesCause);
}

function rememberAll(observation: Observation, symptoms: readonly Symptom[], memory: Memory): Memory {
  const { snapshot, fresh } = observation;
  return remember(memory, symptoms, snapshot.at, (symptom) => toFinding([symptom], fresh));
}

/** Grouped, the deciding ones first. */
function weigh(observation: Observation, symptoms: readonly Symptom[], memory: Memory): GroupedFinding[] {
  const bySignature = Map.groupBy(symptoms, ({ signature }) => signature);
  const ready = observation.fresh.filter((pod) => pod.ready);
  const { at } = observation.snapshot;
  const weighed = symptoms.map((symptom) => {
    const showing = new Set(bySignature.get(symptom.signature)?.map(({ subject }) => subject));
    const otherReadyPods = ready.filter(({ name }) => !showing.has(name)).length;
    const { failFast } = observation;
    return { symptom, decides: decides(symptom, memory, { at, failFast, otherReadyPods }) };
  });
  return groupSymptoms(weighed, observation.fresh);
}
