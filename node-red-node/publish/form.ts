// The form of a publish node as it is saved, and what stands for fields that a flow does without.

/** What the form saves. Numbers come as text. */
export interface PublishForm {
  id: string;
  name: string;
  target: 'mqtt' | 'webhook' | 'file';
  property: string;
  /** Id of an `mqtt-broker` node. */
  broker: string;
  slug: string;
  base: string;
  prefix: string;
  discovery: boolean;
  retain: boolean;
  url: string;
  field: string;
  timeout: string;
  retries: string;
  /** Id of a `tls-config` node. */
  tls: string;
  folder: string;
  pattern: string;
  keepCount: string;
  keepDays: string;
}

/** As in the editor's form; a test holds them together. */
const DEFAULTS: Omit<PublishForm, 'id'> = {
  name: '',
  target: 'mqtt',
  property: 'payload',
  broker: '',
  slug: '',
  base: 'nigaoe',
  prefix: 'homeassistant',
  discovery: true,
  retain: true,
  url: '',
  field: 'image',
  timeout: '10',
  retries: '3',
  tls: '',
  folder: '',
  pattern: '{camera}-{date}-{time}-{style}',
  keepCount: '',
  keepDays: '',
};

/** Flows that are written by hand or sent to Node-RED's API leave out what is as usual, and variables may be of any type. */
export function filledForm(saved: { [Field in keyof PublishForm]?: unknown } & { id: string }): PublishForm {
  const fields = Object.entries(DEFAULTS).map(([name, usual]) => {
    const value = saved[name as keyof PublishForm] ?? usual;
    return [name, typeof usual === 'boolean' ? String(value) === 'true' : String(value)];
  });
  return { ...Object.fromEntries(fields), id: saved.id } as PublishForm;
}
