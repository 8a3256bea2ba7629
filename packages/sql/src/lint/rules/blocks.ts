import type { Hit, Rule, Subject } from '../finding.ts';

/** What cannot be looked into. */
export const blockRules: Rule[] = [{ name: 'hidden-sql', level: 'info', on: ['DoStmt'], check: hidden }];

function hidden({ statement }: Subject): Hit[] {
  if (statement.tag !== 'DoStmt' || statement.inside?.hidden === false) return [];
  return [
    {
      offset: statement.offset,
      message:
        'this DO block builds statements while it runs: the locks that they take are unknown in advance',
      remedy:
        'Write the statements out where you can; what is written out in a DO block is checked like any other.',
    },
  ];
}
