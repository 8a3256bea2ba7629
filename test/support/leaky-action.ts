import { defineAction, runAction } from '@slipway/runner';

const { LEAKY_PASSWORD: secret = '' } = process.env;

/** Prints its secret wherever an action can print anything. Run as a program by the test of the redaction. */
const leaky = defineAction({
  name: 'leaky',
  inputs: {},
  uses: [],
  async main(context) {
    context.log.info(`The password is ${secret}.`);
    return {
      outcome: 'failed',
      summary: `It is ${secret}`,
      hint: `Not ${secret}?`,
      record: { ...context.record, commit: secret },
      evidence: {
        kind: 'checklist',
        items: [
          { id: 'a', title: `T ${secret}`, state: 'failed', evidence: secret, remedy: `say ${secret}` },
        ],
      },
    };
  },
});

await runAction(leaky, () => import('@slipway/report'));
