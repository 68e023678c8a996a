// For producers without a database: importing it loads no database driver.
export { newEventId } from './event-id.js';
export { DirectPublisher, type DirectPublisherOptions } from './direct/direct-publisher.js';
