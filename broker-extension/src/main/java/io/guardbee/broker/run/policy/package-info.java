/** {@code guardbee policy}: try a policy here, hand it to the service, see what became of it. */
@NullMarked
package io.guardbee.broker.run.policy;

import org.jspecify.annotations.NullMarked;
