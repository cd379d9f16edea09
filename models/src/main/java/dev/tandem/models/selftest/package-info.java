/**
 * Checks of a backend against another that need no test framework: what {@code tandem selftest}
 * runs on a machine where Tandem is not built. The conformance kit of engine-api says more.
 */
package dev.tandem.models.selftest;
