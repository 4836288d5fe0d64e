/** Tests of the commands on a home's tokens. */
@NullMarked
package io.guardbee.service.hsm;

import org.jspecify.annotations.NullMarked;
