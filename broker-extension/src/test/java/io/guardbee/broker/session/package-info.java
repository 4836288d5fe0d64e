/** Tests of session. */
@NullMarked
package io.guardbee.broker.session;

import org.jspecify.annotations.NullMarked;
