import { Controller } from '@nestjs/common';
import { Operation } from '../api/operation.decorator.js';
import { pageStyle, verifyEmailPage, verifyEmailScript } from './pages.operations.js';
import { STYLE } from './style.js';
import { VERIFY_EMAIL_PAGE, VERIFY_EMAIL_SCRIPT } from './verify-email.page.js';

/** The few pages that mails link to: HTML and a script that calls our API, nothing else. */
@Controller()
export class PagesController {
  @Operation(pageStyle)
  style(): string {
    return STYLE;
  }

  @Operation(verifyEmailPage)
  verifyEmail(): string {
    return VERIFY_EMAIL_PAGE;
  }

  @Operation(verifyEmailScript)
  verifyEmailScript(): string {
    return VERIFY_EMAIL_SCRIPT;
  }
}
