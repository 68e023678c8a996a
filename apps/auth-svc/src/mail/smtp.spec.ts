import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '@oneclaw/config';
import { createLogger } from '@oneclaw/telemetry';
import { configFields, type AuthConfig } from '../config.js';
import { Smtp } from './smtp.js';

const { SMTP_URL, SMTP_PASSWORD_FILE } = configFields;
const fields = { SMTP_URL, SMTP_PASSWORD_FILE };
const logger = createLogger({ service: 'test', level: 'silent' });

describe('SMTP_URL', () => {
  it.each(['http://mail.example.com', 'mail.example.com:25', 'smtp://user:secret@mail.example.com'])(
    'is not %s, and the message does not repeat it',
    (url) => {
      const load = () => loadConfig(fields, { SMTP_URL: url });
      expect(load).toThrow(/SMTP_URL/);
      expect(load).not.toThrow(/secret/);
    },
  );

  it('with a user wants the password in a file', () => {
    const config = { PUBLIC_URL: 'https://oneclaw.test', MAIL_FROM_NAME: 'OneClaw', ONECLAW_PROFILE: 'production' };
    const withUser = { ...config, SMTP_URL: new URL('smtps://user@mail.example.com') } as AuthConfig;
    expect(() => new Smtp(withUser, logger)).toThrow('SMTP_PASSWORD_FILE is not set.');
    expect(() => new Smtp({ ...withUser, SMTP_PASSWORD_FILE: 'secret' }, logger)).not.toThrow();
  });
});
