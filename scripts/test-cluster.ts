import { clusterRound } from './cluster-round.ts';
import { runRounds } from './rounds.ts';

await runRounds([[[clusterRound]]], process.argv.slice(2));
