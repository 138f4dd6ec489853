{
  # The build of a checkout, by node-gyp. CMakeLists.txt is every other build; test/tidy.test.ts holds that both list
  # the same sources.
  'variables': {
    'libkqueue_cflags%': '',
    'libkqueue_libs%': '',
    'libkqueue_libdir%': '',
    'conditions': [
      ['OS=="linux"', {
        # kqueue really runs on Linux where libkqueue is installed.
        'libkqueue_cflags': '<!(pkg-config --silence-errors --cflags libkqueue || true)',
        'libkqueue_libs': '<!(pkg-config --silence-errors --libs libkqueue || true)',
        'libkqueue_libdir': '<!(pkg-config --silence-errors --variable=libdir libkqueue || true)',
      }],
    ],
  },
  'targets': [
    {
      'target_name': 'fdpoll',
      'dependencies': ["<!(node -p \"require('node-addon-api').targets\"):node_addon_api"],
      'sources': [
        'native/backends/epoll.cc',
        'native/backends/kqueue.cc',
        'native/backends/poll.cc',
        'native/backends/select.cc',
        'native/core/address.cc',
        'native/core/backends.cc',
        'native/core/harvester.cc',
        'native/core/os_bsd.cc',
        'native/core/os_common.cc',
        'native/core/os_linux.cc',
        'native/core/poller.cc',
        'native/core/poller_harvest.cc',
        'native/core/readiness.cc',
        'native/core/socket.cc',
        'native/core/status.cc',
        'native/core/stream_batch.cc',
        'native/core/waker_table.cc',
        'native/core/wakeup.cc',
        'native/core/wakeup_eventfd.cc',
        'native/core/wakeup_pipe.cc',
        'native/binding/addon.cc',
        'native/binding/address_binding.cc',
        'native/binding/convert.cc',
        'native/binding/descriptor_binding.cc',
        'native/binding/environment.cc',
        'native/binding/hosting.cc',
        'native/binding/hosting_loop.cc',
        'native/binding/hosting_thread.cc',
        'native/binding/uv.cc',
        'native/binding/poller_binding.cc',
        'native/binding/readiness_binding.cc',
        'native/binding/socket_binding.cc',
        'native/binding/stream_batch_binding.cc',
        'native/binding/system_binding.cc',
      ],
      'include_dirs': ['native'],
      'defines': [
        'NAPI_VERSION=8',
        'NODE_ADDON_API_DISABLE_DEPRECATED',
        # Without it node-addon-api aborts when a Worker is terminated inside a call.
        'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      ],
      'cflags_cc': ['-std=c++17', '-O2', '-Wall', '-Wextra', '-fvisibility=hidden', '<@(libkqueue_cflags)'],
      'libraries': ['<@(libkqueue_libs)'],
      'xcode_settings': {
        'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
        'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
        'MACOSX_DEPLOYMENT_TARGET': '11.0',
        'OTHER_CFLAGS': ['-Wall', '-Wextra'],
      },
      'conditions': [
        ['OS=="linux" and libkqueue_libs!=""', {
          'defines': ['FDPOLL_LIBKQUEUE'],
          'ldflags': ['-Wl,-rpath,<(libkqueue_libdir)'],
        }],
      ],
    },
  ],
}
