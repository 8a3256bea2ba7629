/** Either what kind of value it is or what is wrong with it: the rest of a sentence, never the value. */
export type Judgement = { ok: true; kind: string } | { ok: false; problem: string };

export function accepted(kind: string): Judgement {
  return { ok: true, kind };
}

export function rejected(problem: string): Judgement {
  return { ok: false, problem };
}
