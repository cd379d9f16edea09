/** The GPU backend: for now only its announcement, so that users who ask for it get a reason. */
package dev.tandem.engine.cuda;
