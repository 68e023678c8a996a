import { secretFile, text } from '@oneclaw/config';

/** Where the token is and how to log in. Read by the service and by the command line. */
export const tokenFields = {
  /** Path of the PKCS#11 module (.so). */
  PKCS11_MODULE: text(),
  PKCS11_TOKEN_LABEL: text(),
  /** File that holds the user PIN. */
  PKCS11_PIN_FILE: secretFile(),
};
