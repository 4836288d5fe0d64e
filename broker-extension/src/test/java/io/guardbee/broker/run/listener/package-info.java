/** Tests of the limits before TLS. */
@org.jspecify.annotations.NullMarked
package io.guardbee.broker.run.listener;
