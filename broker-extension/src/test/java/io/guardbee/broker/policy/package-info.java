/** Tests of the policy document. */
@NullMarked
package io.guardbee.broker.policy;

import org.jspecify.annotations.NullMarked;
