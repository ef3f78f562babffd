// A JSON schema as plain data.

/** The part of JSON schema that the bridge uses. */
export interface Schema {
  $id?: string;
  $ref?: string;
  type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  description?: string;
  default?: string | number | boolean;
  const?: string;
  enum?: readonly string[];
  format?: string;
  /** The description says the same in words. */
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: Schema;
  required?: readonly string[];
  properties?: Readonly<Record<string, Schema>>;
  additionalProperties?: boolean | Schema;
}

export const text: Schema = { type: 'string' };
export const number: Schema = { type: 'number' };
export const count: Schema = { type: 'integer', minimum: 0 };
export const yesNo: Schema = { type: 'boolean' };
export const time: Schema = { type: 'string', format: 'date-time' };

export const listOf = (items: Schema): Schema => ({ type: 'array', items });

/** A reference to one of `ANSWERS`. */
export const ref = (name: string): Schema => ({ $ref: `${name}#` });

/** An object with these properties and no others; those after a `?` in their name may be missing. */
export function object(properties: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(properties);
  const bare = Object.entries(properties).map(([name, schema]) => [name.replace('?', ''), schema] as const);
  return {
    type: 'object',
    required: names.filter((name) => !name.endsWith('?')),
    additionalProperties: false,
    properties: Object.fromEntries(bare),
  };
}
