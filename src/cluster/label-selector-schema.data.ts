/** cluster/label-selector-schema.data — a LabelSelector, as the schemas of CRDs have it. */
import type { Schema } from './schema-validation.ts';

const TEXT: Schema = { type: 'string' };

export const LABEL_SELECTOR: Schema = {
  type: 'object',
  fields: {
    matchLabels: { type: 'map', values: TEXT },
    matchExpressions: {
      type: 'array',
      items: {
        type: 'object',
        required: ['key', 'operator'],
        fields: { key: TEXT, operator: TEXT, values: { type: 'array', items: TEXT } },
      },
    },
  },
};
