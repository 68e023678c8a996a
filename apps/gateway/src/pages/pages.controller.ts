import { Controller } from '@nestjs/common';
import { Operation } from '../api/operation.decorator.js';
import { DEVICE_PAGE, deviceScript } from './device.page.js';
import {
  devicePage,
  devicePageScript,
  pageStyle,
  sharePageScript,
  verifyEmailPage,
  verifyEmailScript,
} from './pages.operations.js';
import { shareScript } from './share.page.js';
import { STYLE } from './style.js';
import { VERIFY_EMAIL_PAGE, VERIFY_EMAIL_SCRIPT } from './verify-email.page.js';

/** The few pages that mails link to: HTML and a script that calls our API, nothing else. */
@Controller()
export class PagesController {
  private readonly deviceScript = deviceScript();
  private readonly shareScript = shareScript();

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

  @Operation(devicePage)
  device(): string {
    return DEVICE_PAGE;
  }

  @Operation(devicePageScript)
  devicePageScript(): string {
    return this.deviceScript;
  }

  @Operation(sharePageScript)
  sharePageScript(): string {
    return this.shareScript;
  }
}
