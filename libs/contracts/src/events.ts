export * from './generated/oneclaw/events/v1/events.js';
