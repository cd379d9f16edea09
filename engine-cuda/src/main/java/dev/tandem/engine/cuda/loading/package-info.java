/**
 * Finds NVIDIA's libraries on the machine, chooses versions that agree, and makes the classes of
 * JCuda load on them. Nothing here touches a class of JCuda whose library was not found.
 */
package dev.tandem.engine.cuda.loading;
