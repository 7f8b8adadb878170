/**
 * Passwords and the verifiers that PostgreSQL 15 (UTF8) made of them: `ALTER ROLE ... PASSWORD`, then
 * pg_authid.rolpassword.
 */
export const postgresVectors: readonly (readonly [password: string, verifier: string])[] = [
  [
    "correct horse",
    "SCRAM-SHA-256$4096:++fw7NapaH4e4s/0zlZ4MQ==$ukKjJoqVtKSPwJv/p3d7GyxSnCi0JVOL3kPqDdOjQ/o=:hq4IcOVKRaIrn/" +
      "afbet6kLigcnNPmMrRidg/0YelqcQ=",
  ],
  [
    "tab\there",
    "SCRAM-SHA-256$4096:qXWJCleo9b06+MDJI2KGFg==$WeGcaj+LMOPZcftdaLy2MyfnfwujB/OdGZpW4mF9lHw=:KqWdNDtR5RTRVC" +
      "8Oxdbw04+UoPJdfeN/OOf9E6jb7bA=",
  ],
  [
    "p\u00e4ssw\u00f6rd",
    "SCRAM-SHA-256$4096:KA/rtcZKGLBEeakJEiP8lQ==$CNEN+DkXOw+e1AgMJKEYME0jrDD6OU6uoqdUuqbe2Ko=:Nu8Eg5b3DiX/ef" +
      "61ahVxDAx92oujN2t2cOKW/TG1yIQ=",
  ],
  [
    "pa\u00adss",
    "SCRAM-SHA-256$4096:NKOWv2A/vy9pfaHPZQmSjQ==$BZwajKMV3KLJ/HGojkXJX2L2PAwWuK4dmoQmp4JBkz4=:QM3kSLaeXJPnk2" +
      "Zi4CO2RDCHpDWMxZpHPWpiDvGW3iY=",
  ],
  [
    "a\u00a0b",
    "SCRAM-SHA-256$4096:plOhfaWB6Gtw1jj3Rujcyw==$/w+HZzfZW+/M7Cj/48Kw+Gh9qWtJuitIvzWS5DZRCLI=:gZtXr7ANuztpkU" +
      "GZ9+7oxmGfqskzJqN1SMIKUsIwskc=",
  ],
  [
    "a\u200bb",
    "SCRAM-SHA-256$4096:KiyxqL0xzOMg7wNMTKrKWw==$eLwLpl96Ju4R1hhVUuNNxHRzr0fUu4UCmjwQU4B2P6U=:HAAvTNbX6zxqjM" +
      "wRhhvp8AWdjpVAFRAB2ROgq9Q7NJg=",
  ],
  [
    "\u2168",
    "SCRAM-SHA-256$4096:8axIKNR0w7is8cdEIecPkg==$JogWJ09nwQq161aBuee5pOdys7BOyDQ3eJZMSm8IBok=:U+u4gUyEIPYa2B" +
      "/68xuUc4Sgo24tUJIbx/5ESxs0Gb4=",
  ],
  [
    "\u2460 fine",
    "SCRAM-SHA-256$4096:Lh2hTtXXeJSwwZi8DlCjrA==$A9ovg+5Uf/XW7+d/cNOhOh/ObVsDpqTDj3Ki7Al6/0s=:sMOZMJIgFLsr1u" +
      "WN2NjyDE1Gnlp51NdG38uGxitdfQQ=",
  ],
  [
    "x\u0340y",
    "SCRAM-SHA-256$4096:p+BaJHAXIFRLPW5XJxxBpQ==$G/VJyU02VFd4BN7jTqQR2cqJh4L6xsZpwrcJDB4cnns=:4/h33q2stNeRdy" +
      "uMCtAoMtexN7KPgtW9rgsCG+deiAY=",
  ],
  [
    "\ud83c\udd30bc",
    "SCRAM-SHA-256$4096:1PITGaB0tuG0jfisY0P6Og==$VGyhzBnb1bnx6Rnz+0dKf5OGSZEPPPXc3eUjmF+oDpw=:kCNyI1JGTrR7k0" +
      "J3IYUEtzOaokhvp7NhKkbVP/X5fus=",
  ],
  [
    "\ud83d\ude00grin",
    "SCRAM-SHA-256$4096:54Jpc9v0CpRUG35p1gcH7A==$73gR/sBj60O96xAw4o1I08gArVMmRP5k63rYqNn7eck=:vJRep0QQOGKDZR" +
      "3coL0LB9ybkUOJ1SbvWWey13VXfJM=",
  ],
  [
    "\u05d0\u05d1",
    "SCRAM-SHA-256$4096:E+ooPpEHFpUuNW1tiCtXPQ==$AcaE20r1tn/iDNKwV8gX1KvWOX28rd7LDpGhFvbNKm8=:OSRR5IfXiIKeil" +
      "vA28kEArmDq7IDwpCKMRxia4IFTac=",
  ],
  [
    "a\u05d0",
    "SCRAM-SHA-256$4096:c30w0nf+G/ZBgzTeqK/58Q==$9726GvwqNvivY5CHAF57R/f2whpUAeyLqU3Ublx+eHA=:i3v1m5C6KddPWF" +
      "Om1C+hOSwxieMyotBFiHjy/jAxr1I=",
  ],
  [
    "\u05d0\u2121\u05d1",
    "SCRAM-SHA-256$4096:Y3AUi8/B81BLNI7cQXa/0Q==$v28/FXXVe/OIhovzSSBWo8EB+hz3LC0nCLqtCtvsLFI=:OqKXF00642U7B0" +
      "uhRZMMqQyTfev6kXTdGEnQqctGonU=",
  ],
  [
    "\u2135x",
    "SCRAM-SHA-256$4096:A9+pnM1Bhpa9rnCYhh6XmA==$/csvqEf32GULW6RbU4aiMbGc8HwyHvyc7B1uR5tv3Ok=:XHqmUmtmhqcl6N" +
      "XXqbt8BfyXbqd+e+hh27qLASUXqhw=",
  ],
  [
    "\ufb41",
    "SCRAM-SHA-256$4096:LgD0xjs9iEGwJXirxz445g==$nAQ78qGAZRYO/Os/QtMXt/IB8vj6+DZJMkO3MR3D52E=:by6DpzPX9m0Ru/" +
      "sigyZnZ0Tr7/wYkpLo6Rd/qiMnG+I=",
  ],
  [
    "\ufe7c",
    "SCRAM-SHA-256$4096:MG7UOejj0ivPT6cCKKOqnQ==$14LV2GVu1fOFSPKHuwv9NNW6bGVydl0KDS+QOcEOo4A=:yHZfMj1zLel/3y" +
      "M6oTiSBy6/wMvIU/f/z83ppUHhaIY=",
  ],
  [
    "\u05d0 1",
    "SCRAM-SHA-256$4096:t5tfH1W/Uf/qEfRqmWfxpw==$ZGwxflD/c6QgdhopVhhmHDANXHjutXULUg+d0mrqOX4=:mU8Trik4jTAOu6" +
      "IXtwnng6pbzehUwHx23QGFSDbSOfU=",
  ],
  [
    "\u0007\u00e9",
    "SCRAM-SHA-256$4096:VeGYWZO8jAJBbOMSnLmMmw==$fyzw49Qdy0km7Px1Xnf3kNVsFQA/egNHA61Hb6FpM6s=:h5afg3lptTZv7j" +
      "MCSMt962rloYciMs0/vMviALpx7CI=",
  ],
  [
    "\ufb01ne",
    "SCRAM-SHA-256$4096:8BQiShtpSxdxjaExWcekIA==$VGT0Zgw7UFRQhN7KSPtAxOHf7Y/ClDOGEDAMo6UdyCw=:oxTiIwb6UcGFe5" +
      "y3vHmBlsBUZeAI58CsgaED+jmWFi4=",
  ],
  [
    "\u00ad",
    "SCRAM-SHA-256$4096:tsZ3xgErGTsJi7DHps0GPw==$3tzxytqJ6fCudhUz0x0CBb8CMKRENFrxrVfh/uMzHRE=:GmeTWMsX8n/kkp" +
      "JM0SW6Hy1HS6kFABdrhXjgBHk+tx8=",
  ],
  [
    "A\u030a",
    "SCRAM-SHA-256$4096:gPaBlqMMl3Kc/wWVU0TR6Q==$2jdRBmswgo8HtarIvMFau3UBTW6hjXueT7XqqNDwpTg=:GhTQ72gAvI5D52" +
      "okUA/o7FKifVFmqjRBRZZUP8JPh6U=",
  ],
  [
    "\ud835\udc00z",
    "SCRAM-SHA-256$4096:n8v8Ri7GMMUZQgJL0OxWYA==$fiTCn0BMZd9zUqKFWcWVWNJjIbJ20YFJZEV6pn0QpzU=:A4IzeJtC9S29/N" +
      "SH28Oqg3MXMRuiG91OHMGw5DevaBI=",
  ],
  [
    "quote'\"\\$`",
    "SCRAM-SHA-256$4096:MzUaUo4IdKpRA4nbx/sNSA==$lWbwXb7IxAL8LFK/54/jbv0uh5RA6vVIL+pXP4hQazk=:70i6NoBCOGyyar" +
      "0OBLdk8nkQa/HpT8P4joBCuQNFSr0=",
  ],
  [
    "\uff9e\u05d0",
    "SCRAM-SHA-256$4096:d0AjrkhdfOZm9LS2CZUQkg==$zKV1CuoNLoRstBwW8YB2nbLWTd/IdAmUgByG0pnmz1U=:6n4pttPVj4uWSI" +
      "/cI3PqLXH15spKNJnkqpRniF/eP/0=",
  ],
];
