/**
 * load-balancer/webhooks/webhook-configurations — what the cluster's webhook configurations say of
 * a webhook by its name: whom it is asked about, where it listens, what its failure means.
 *
 * Upstream: kubernetes/api admissionregistration/v1.
 */
import type { TwinStore } from '../../../model/kinds.ts';
import type { KubernetesObject, LabelSelector } from '../../../model/kubernetes/meta.ts';

export interface ConfiguredWebhook {
  readonly name: string;
  readonly failurePolicy?: 'Fail' | 'Ignore' | undefined;
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly objectSelector?: LabelSelector | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly rules?: readonly { readonly operations?: readonly string[] | undefined }[] | undefined;
  readonly clientConfig: {
    readonly service?:
      | {
          readonly namespace: string;
          readonly name: string;
          readonly path?: string | undefined;
          readonly port?: number | undefined;
        }
      | undefined;
  };
}

const PREFIXES = [
  'admissionregistration.k8s.io/MutatingWebhookConfiguration:',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration:',
];

/** Read again only when one of them changes: every pod that is created asks. */
export class WebhookConfigurations {
  readonly #store: TwinStore;
  #byName: ReadonlyMap<string, ConfiguredWebhook> | undefined;

  constructor(store: TwinStore) {
    this.#store = store;
    store.subscribe('Unknown', ({ key }) => {
      if (isConfiguration(key)) this.#byName = undefined;
    });
  }

  /** The webhook of that name; undefined where no configuration has it. */
  named(name: string): ConfiguredWebhook | undefined {
    this.#byName ??= this.#read();
    return this.#byName.get(name);
  }

  #read(): ReadonlyMap<string, ConfiguredWebhook> {
    const byName = new Map<string, ConfiguredWebhook>();
    for (const { key, value } of this.#store.entries('Unknown')) {
      if (!isConfiguration(key)) continue;
      for (const webhook of webhooksOf(value)) byName.set(webhook.name, webhook);
    }
    return byName;
  }
}

const isConfiguration = (key: string): boolean => PREFIXES.some((it) => key.startsWith(it));

const webhooksOf = ({ webhooks }: KubernetesObject): readonly ConfiguredWebhook[] =>
  Array.isArray(webhooks) ? (webhooks as readonly ConfiguredWebhook[]) : [];
