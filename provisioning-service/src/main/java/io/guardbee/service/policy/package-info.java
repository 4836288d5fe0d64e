/** Versions of the policy: stored, ordered of the brokers, observed, taken back. */
@NullMarked
package io.guardbee.service.policy;

import org.jspecify.annotations.NullMarked;
