import { readFile } from 'node:fs/promises';
import { Controller } from '@nestjs/common';
import { Operation } from '../api/operation.decorator.js';
import { buildDocument } from '../openapi/document.js';
import { OPERATIONS } from '../operations.js';
import { docsPage, docsScript, docsStart, docsStyle, openApiDocument } from './docs.operations.js';
import { PAGE, START } from './page.js';

/** The documentation of the API, served from here alone: no other host is asked for anything. */
@Controller()
export class DocsController {
  private readonly document = JSON.stringify(buildDocument(OPERATIONS));

  @Operation(openApiDocument)
  openApi(): string {
    return this.document;
  }

  @Operation(docsPage)
  page(): string {
    return PAGE;
  }

  @Operation(docsStart)
  start(): string {
    return START;
  }

  @Operation(docsScript)
  async script(): Promise<Buffer> {
    return asset('swagger-ui-bundle.js');
  }

  @Operation(docsStyle)
  async style(): Promise<Buffer> {
    return asset('swagger-ui.css');
  }
}

async function asset(name: string): Promise<Buffer> {
  return readFile(new URL(import.meta.resolve(`swagger-ui-dist/${name}`)));
}
