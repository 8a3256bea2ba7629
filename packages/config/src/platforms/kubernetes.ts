import * as z from 'zod';
import { repositoryPath } from '../scalars.ts';

/** Kubernetes as the platform. */
export const kubernetesSchema = () =>
  z
    .strictObject({
      namespace: z
        .string()
        .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'the name of a namespace')
        .describe('Namespace of everything that is deployed. It must exist.')
        .meta({ examples: ['production'] }),
      manifests: z
        .array(repositoryPath)
        .min(1)
        .describe('YAML files, folders of YAML files, or kustomize directories.')
        .meta({ examples: [['k8s/']] }),
      context: z
        .string()
        .min(1)
        .optional()
        .describe('Context of the kubeconfig. Default: its current context.'),
      kubeconfig: z
        .string()
        .min(1)
        .optional()
        .describe('Path of a kubeconfig, or its content in base64. Default: what kubectl finds.')
        .meta({ examples: ['${KUBE_CONFIG}'] }),
      'fail-fast': z
        .enum(['balanced', 'strict', 'off'])
        .default('balanced')
        .describe(
          'When a failing rollout stops. balanced: at once for a cause that cannot heal, after a grace period for one that can. strict: also at the first crash, and when readiness takes three times as long as its probe allows. off: only at start-timeout.',
        ),
      lint: z
        .enum(['warn', 'enforce', 'off'])
        .default('warn')
        .describe(
          'What to do about manifests that can drop requests during a rollout: warn about them, refuse the release, or skip the check.',
        ),
      'force-conflicts': z
        .boolean()
        .default(false)
        .describe('Take over fields that another field manager owns. By default such a conflict is refused.'),
    })
    .describe('Deploy to Kubernetes. Set either "compose" or "kubernetes".');

export type KubernetesConfig = z.output<ReturnType<typeof kubernetesSchema>>;
