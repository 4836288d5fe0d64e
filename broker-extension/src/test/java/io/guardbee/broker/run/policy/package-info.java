@NullMarked
package io.guardbee.broker.run.policy;

import org.jspecify.annotations.NullMarked;
